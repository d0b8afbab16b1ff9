"""Work that several processes share: every one takes a share of the rows, then they sum.

`torchrun` and `accelerate launch` start the processes and say in the environment who is who;
alone, a process has all rows and a sum is what it was. Everything drawn at random is drawn by
all, whole, so that any number of processes does the same as one.
"""

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, distributed


@contextmanager
def together(device: str) -> Iterator[str]:
    """Meet the processes of one launch, if there are several, and part from them at the end.

    Gives the device of this process: of its node's GPUs the one that the launcher numbered.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device
        return
    if device == "cuda":
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield device
    finally:
        distributed.destroy_process_group()


def first() -> bool:
    """Whether this is the process that writes and prints."""
    return not _several() or distributed.get_rank() == 0


def processes() -> int:
    """How many share the work."""
    return distributed.get_world_size() if _several() else 1


def portions(rows: Tensor, size: int) -> Sequence[Tensor]:
    """This process's share of the row numbers, in portions of at most `size`.

    The portions are those that a lone process would take, where there are enough for all: rounding
    depends on them.
    """
    if not _several():
        return rows.split(size)
    count = distributed.get_world_size()
    size = min(size, math.ceil(len(rows) / count))
    return rows.split(size)[distributed.get_rank() :: count]


def summed(tensor: Tensor) -> Tensor:
    """Replace the tensor by its sum over all processes, in place."""
    if _several():
        distributed.all_reduce(tensor)
    return tensor


def any_of(mine: bool, device: torch.device) -> bool:
    """Whether it is so for any process: what all must then do."""
    return bool(summed(torch.tensor(float(mine), device=device)))


def from_first(tensor: Tensor, device: torch.device) -> Tensor:
    """The first process's tensor, where rounding might differ between machines."""
    if not _several():
        return tensor
    sent = tensor.to(device)
    distributed.broadcast(sent, 0)
    return sent.to(tensor.device)


def _several() -> bool:
    return distributed.is_available() and distributed.is_initialized()
