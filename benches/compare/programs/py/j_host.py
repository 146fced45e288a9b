def main(n):
    s = 0
    question = ask
    for i in range(1, n + 1):
        s += question(i, 1)
    return s
