"""The settings of the processes `notify` and `digest --follow`: a part of `Settings`."""

from pydantic import BaseModel, Field

from signal_engine.entrypoints.wiring.setting_types import KafkaName


class NotifySettings(BaseModel):
    """As fields of `Settings`."""

    notify_group: str = Field(
        default="signal-engine-notify", min_length=1, max_length=249, description="Consumer group of `notify`."
    )
    notify_instance: KafkaName = Field(
        default="",
        max_length=249,
        description="Stable name of this `notify`, unique per process: restarted, it gets its partitions back at "
        "once. Empty: an ordinary member of the group.",
    )
    notify_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address of the probes and metrics of `notify`; reachable from other machines, "
        "`/metrics` needs one of `API_TOKENS`.",
    )
    notify_port: int = Field(default=8082, ge=0, le=65_535, description="Port of `notify`; 0 picks a free one.")
    digest_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address of the probes and metrics of `digest --follow`; access as for `notify`.",
    )
    digest_port: int = Field(
        default=8085, ge=0, le=65_535, description="Port of `digest --follow`; 0 picks a free one."
    )
