"""Work that several processes share: every one takes a share of the rows, then they sum.

`torchrun` and `accelerate launch` start the processes and say in the environment who is who;
alone, a process has all rows and a sum is what it was. Everything drawn at random is drawn by
all, whole, so that any number of processes does the same as one.
"""

import os
from collections.abc import Iterator

import torch
from torch import Tensor, distributed


def started_by_a_launcher() -> bool:
    """Whether this process is one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def join(device: torch.device) -> torch.device:
    """Meet the other processes; returns the device of this one, of its node's several."""
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return device


def leave() -> None:
    """Part from the other processes, if there are any."""
    if _several():
        distributed.destroy_process_group()


def first() -> bool:
    """Whether this is the process that writes and prints."""
    return not _several() or distributed.get_rank() == 0


def portions(rows: Tensor, size: int) -> Iterator[Tensor]:
    """This process's share of the row numbers, `size` at most at a time."""
    if _several():
        rows = rows.tensor_split(distributed.get_world_size())[distributed.get_rank()]
    return iter(rows.split(size)) if len(rows) else iter(())


def summed(tensor: Tensor) -> Tensor:
    """Replace the tensor by its sum over all processes, in place."""
    if _several():
        distributed.all_reduce(tensor)
    return tensor


def agreed(mine: bool, device: torch.device) -> bool:
    """Whether it is so for any process."""
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
