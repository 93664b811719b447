"""Servers for tests, faults and benchmarks: Apache Kafka, Tansu, Redis, Valkey; each in a process of ours."""
