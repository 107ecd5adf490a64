"""Commands of vqa-features on a Dask cluster whose workers are jobs of SLURM.

Run it where ``sbatch`` works, on a login node or in a job of its own; it needs
``pip install 'vqa-features[cluster]' dask-jobqueue``. ``--job-script`` prints the script of a worker and ends.
"""

import subprocess
import sys

from dask_jobqueue import SLURMCluster
from distributed import Client

WORKERS = 40
COMMANDS = [
    ["extract", "/shared/videos.csv", "-e", "brisque,niqe,siti", "-o", "/shared/features.parquet"]
    + ["--store", "/shared/run.sqlite"],
    [
        "compare",
        "--features",
        "/shared/features.parquet",
        "--mos",
        "/shared/mos.csv",
        "-o",
        "/shared/results",
    ],
]

cluster = SLURMCluster(
    cores=1,  # one thread: one video, or one split, at a time
    processes=1,
    memory="8GB",
    walltime="12:00:00",
    interface=None,  # the network between the nodes, such as "ib0"
    job_script_prologue=["source $HOME/vqa-features/bin/activate"],
    # For GPUs: job_extra_directives=["--gpus=1"], worker_extra_args=["--resources", "GPU=1", ...]
    worker_extra_args=["--lifetime", "710m", "--lifetime-stagger", "5m"],  # ends before SLURM ends it
)
if "--job-script" in sys.argv[1:]:
    print(cluster.job_script())
    sys.exit()
cluster.scale(jobs=WORKERS)
with Client(cluster) as client:
    client.wait_for_workers(1)  # the others join the work as SLURM starts them
    for command in COMMANDS:
        done = subprocess.run(["vqa-features", *command, "--cluster", cluster.scheduler_address], check=False)
        if done.returncode not in (0, 1):  # 1: some videos failed, their rows say why
            sys.exit(done.returncode)
cluster.close()
