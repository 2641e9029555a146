"""Custom hashers with parameters that cost next to nothing, also for the fixtures."""

from django.contrib.auth import hashers


class PBKDF2(hashers.PBKDF2PasswordHasher):
    iterations = 1000


class PBKDF2SHA1(hashers.PBKDF2SHA1PasswordHasher):
    iterations = 1000


class Argon2(hashers.Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 2


class BCryptSHA256(hashers.BCryptSHA256PasswordHasher):
    rounds = 4


class BCrypt(hashers.BCryptPasswordHasher):
    rounds = 4


if hasattr(hashers, "ScryptPasswordHasher"):
    class Scrypt(hashers.ScryptPasswordHasher):
        work_factor = 16
        block_size = 4
        parallelism = 2
