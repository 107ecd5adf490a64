#!/bin/bash
# Extract one shard of a manifest: shard.sh K N, K from 1 to N. Run it again to go on where it ended.
#
# MANIFEST: videos, a folder or a CSV with a column path. EXTRACTORS: names, separated by commas.
# RESULTS: folder of all shards. JOBS: worker processes. OPTIONS: further options, such as "--fps 1 --remote".
#
# Exit code 0 also where some videos failed: their rows say why. SIGTERM ends the run, with its rows kept.
set -eu
shard=$1 shards=$2
name=$(printf 'shard-%04d' "$shard")
mkdir -p "$RESULTS"

# shellcheck disable=SC2086 # OPTIONS are several words
vqa-features extract "$MANIFEST" -e "$EXTRACTORS" --shard "$shard/$shards" --jobs "${JOBS:-1}" \
    --store "$RESULTS/$name.sqlite" -o "$RESULTS/$name.parquet" ${OPTIONS:-} &
run=$!
trap 'kill -TERM "$run" 2>/dev/null || true' TERM
code=0
wait "$run" || code=$?
if [ "$code" -gt 128 ] && kill -0 "$run" 2>/dev/null; then # the signal ended the wait, not the run
    code=0
    wait "$run" || code=$?
fi
if [ "$code" -eq 1 ]; then
    echo "$name: some videos failed, see the column error of $RESULTS/$name.parquet" >&2
    exit 0
fi
exit "$code"
