# syntax=docker/dockerfile:1
# Two images from one file: `--target service` (web, worker, migrate) and `--target rasa`.

FROM python:3.11-slim AS service-packages
RUN pip install --no-cache-dir uv
WORKDIR /app
COPY requirements.lock ./
RUN uv venv /app/.venv && uv pip sync --require-hashes --python /app/.venv/bin/python requirements.lock

FROM python:3.11-slim AS service
RUN useradd --system --uid 10001 --home-dir /app wismo && mkdir -p /app/var && chown wismo /app/var
WORKDIR /app
COPY --from=service-packages /app/.venv /app/.venv
COPY bot/__init__.py bot/
COPY bot/actions bot/actions
COPY bot/domain/responses bot/domain/responses
COPY faq faq
COPY integrations integrations
COPY kit kit
COPY service service
COPY shop.yml ./
COPY tracking_lookup tracking_lookup
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_ARENA_MAX=2 HOST=0.0.0.0 PORT=8000 DEMO=false
USER wismo
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "service.cli", "serve"]

FROM python:3.10-slim AS rasa-packages
RUN pip install --no-cache-dir uv
WORKDIR /app/bot
COPY bot/requirements.lock ./
RUN uv venv /app/bot/.venv && uv pip sync --require-hashes --python /app/bot/.venv/bin/python requirements.lock

FROM python:3.10-slim AS rasa
RUN useradd --system --uid 10001 --home-dir /app wismo
WORKDIR /app
COPY --from=rasa-packages /app/bot/.venv /app/bot/.venv
COPY kit kit
COPY tracking_lookup tracking_lookup
COPY bot bot
ENV PATH=/app/bot/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_ARENA_MAX=2
RUN python bot/train.py --out /app/model.tar.gz
USER wismo
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5005/', timeout=4)"]
CMD ["python", "bot/serve.py", "--detached", "--host", "0.0.0.0", "--port", "5005", "--model", "/app/model.tar.gz"]
