"""Record batches that are walked natively, beside aiokafka that reads them."""
