# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""One of two processes that train a model together.

usage: torch_ddp.py <module> <ddp or zero> <rank> <meeting point> <result>
"""

import importlib
import sys
import warnings

RANKS = 2


def main():
    module, way, rank, meeting, result = sys.argv[1:]
    import torch
    from torch.nn.parallel import DistributedDataParallel
    optim = importlib.import_module(module)
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{meeting}', rank=int(rank),
        world_size=RANKS)
    torch.manual_seed(1)
    model = DistributedDataParallel(torch.nn.Sequential(
        torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)))
    if way == 'zero':
        from torch.distributed.optim import ZeroRedundancyOptimizer
        optimizer = ZeroRedundancyOptimizer(
            model.parameters(), optimizer_class=optim.Adam, lr=1e-2)
    else:
        optimizer = optim.Adam(model.parameters(), lr=1e-2)
    generator = torch.Generator().manual_seed(int(rank))
    for _ in range(5):
        inputs = torch.randn(16, 8, generator=generator)
        optimizer.zero_grad()
        model(inputs).square().mean().backward()
        optimizer.step()
    if way == 'zero':
        optimizer.consolidate_state_dict(0)
        if rank == '0':
            state = optimizer.state_dict()['state']
            assert all(entry['step'] == 5 for entry in state.values())
    torch.save([p.detach() for p in model.parameters()], result)
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    main()
