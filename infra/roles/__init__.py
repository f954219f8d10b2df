"""Least privilege: one command makes and tests the roles of the databases and of the bucket.

`python -m infra.roles` reads the environment of the processes, so it makes exactly the roles that they use.
"""
