# The command vqa-features with every extra: docker build -t vqa-features . && docker run --rm -v "$PWD:/data" vqa-features predict clip.mp4
# torch comes from the package index as it is there; PIP_EXTRA_INDEX_URL can name one with smaller builds for the CPU.
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
ARG PIP_EXTRA_INDEX_URL
WORKDIR /opt/vqa-features
COPY . .
RUN make .venv/all.stamp
ENV PATH=/opt/vqa-features/.venv/bin:$PATH
WORKDIR /data
ENTRYPOINT ["vqa-features"]
CMD ["--help"]
