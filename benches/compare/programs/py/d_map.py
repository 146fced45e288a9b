def main(n):
    m = {}
    for i in range(n):
        k = "sku" + str(i * 7919 % 50000)
        m[k] = m.get(k, 0) + i
    total = missing = 0
    for i in range(n):
        v = m.get("sku" + str(i % 60000))
        if v is not None:
            total += v % 1000
        else:
            missing += 1
    return total + missing
