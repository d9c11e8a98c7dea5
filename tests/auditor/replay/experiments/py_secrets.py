import secrets

token = secrets.randbelow(1000000)  # guilty: the system's entropy
print("token", token)
