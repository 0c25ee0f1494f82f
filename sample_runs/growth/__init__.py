"""A small morphogenetic training: seeds that grow on a host, under a policy that learns.

From the ground up: `layers`, `descent`, `digits` · `blueprints`, `seed`, `network` · `gates`,
`actions`, `lifecycle` · `attribution`, `measurement`, `reward`, `observation` · `policy`, `ppo`,
`update` · `alarms`, `watch`, `facts`, `reports`, `batch_reports` · `episode`, `training`.
"""
