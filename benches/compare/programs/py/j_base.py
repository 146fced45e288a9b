def main(n):
    s = 0
    for i in range(1, n + 1):
        s += i
    return s
