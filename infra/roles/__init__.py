"""Least privilege: the roles of the databases and of the bucket, made and tried by one command.

`python -m infra.roles` reads the environment that the processes get, so the roles it makes are the ones they will use.
"""
