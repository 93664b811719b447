# The image of all commands: `docker run signal-engine config show`.
# What is native is compiled in a stage of its own: the image has no compiler.
FROM rust:1.88.0-slim-bookworm AS native
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
WORKDIR /build
COPY native native
RUN python3 -m venv /tools && /tools/bin/pip install --no-cache-dir --quiet --no-deps --require-hashes -r native/requirements.lock
RUN /tools/bin/maturin build --quiet --release --locked --manifest-path native/Cargo.toml --out /wheels

FROM python:3.11.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock requirements-run.lock ./
# What builds the wheel is locked, too; none of it gets into the image.
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --quiet --no-deps --require-hashes -r requirements.lock
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --quiet --no-deps --require-hashes -r requirements-run.lock
COPY pyproject.toml README.md LICENSE ./
COPY signal_engine signal_engine
COPY --from=native /wheels /wheels
RUN /tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /app/bin/pip install --no-cache-dir --quiet --no-deps /wheels/*.whl
# Without it the engine would go on, only slower, so nobody would notice.
RUN /app/bin/python -c "import signal_engine_native"

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /engine signal-engine
COPY --from=build /app /app
COPY config /engine/config
WORKDIR /engine
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["/app/bin/signal-engine"]
CMD ["--help"]
