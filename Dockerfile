# The image of all commands: `docker run signal-engine config show`.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock requirements-run.lock ./
# What builds the wheel is locked, too; none of it gets into the image.
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --quiet --no-deps --require-hashes -r requirements.lock
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --quiet --no-deps --require-hashes -r requirements-run.lock
COPY pyproject.toml README.md LICENSE ./
COPY signal_engine signal_engine
RUN /tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /app/bin/pip install --no-cache-dir --quiet --no-deps /wheels/*.whl

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /engine signal-engine
COPY --from=build /app /app
COPY config /engine/config
WORKDIR /engine
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["/app/bin/signal-engine"]
CMD ["--help"]
