#!/bin/bash
# A job array of SLURM: every task extracts one of SHARDS shards. Start it with
#   sbatch slurm-array.sh
# and tasks that failed again, alone, with the same SHARDS:
#   sbatch --array=3,17 slurm-array.sh
# Then join the stores on one machine:
#   vqa-features store merge "$RESULTS/all.sqlite" "$RESULTS"/shard-*.sqlite
#SBATCH --job-name=vqa-features
#SBATCH --array=1-20
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=12:00:00
#SBATCH --signal=B:TERM@120
#SBATCH --output=shard-%a.log
set -eu
SHARDS=20 # as in --array; not SLURM_ARRAY_TASK_COUNT, which is less when tasks are repeated

export MANIFEST=/shared/videos.csv EXTRACTORS=brisque,niqe,siti RESULTS=/shared/results
export JOBS=${SLURM_CPUS_PER_TASK:-1} OMP_NUM_THREADS=1
# shellcheck source=/dev/null
source "$HOME/vqa-features/bin/activate"
exec bash "${SHARD:-/shared/shard.sh}" "$SLURM_ARRAY_TASK_ID" "$SHARDS"
