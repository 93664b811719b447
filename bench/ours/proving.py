"""Who judges what is measured: asked of a worker before anything is measured."""

from bench.live.contenders import RunningOurs
from bench.live.ground import Field, Ground
from bench.live.loads import Load
from bench.live.measuring import Failed
from bench.live.operating import wait_until
from bench.ours.ways import BEFORE

_EVENTS = 1_000


def who_judges(on: Ground, way: str, commit: str) -> str:
    """What a worker of `way` says of who reads and judges its events; of an older one, its commit.

    Raises `Failed` or `WrongJudge` where that is not who should.
    """
    field = Field(on, Load("proof", 100), _EVENTS, f"proof-{way}")
    field.prepare()
    field.feed()
    field.use(way)
    field.start_anew("proof")
    running = RunningOurs(field)
    try:
        wait_until(lambda: sum(running.counts()) >= field.many, running, "the worker processed nothing")
        judged = running.judged()
    finally:
        running.end()
        field.close()
    if judged.by != field.way.by:
        raise Failed(f"a worker of {way} did not say who judges events")
    return f"commit {commit}" if way == BEFORE else f"events are read and judged by: {judged.by}"
