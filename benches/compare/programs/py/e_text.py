def main(n):
    total, buf = 0, ""
    for i in range(n):
        s = "order-" + str(i) + ";title=" + str(i % 100)
        r = s.replace("title", "label")
        head = r[:8]
        parts = r.split(";")
        total += len(parts[1]) + len(head)
        if "LABEL=9" in r.upper():
            total += 1
        buf = buf + head + ","
        if len(buf) > 1000:
            total += len(buf)
            buf = ""
    return total + len(buf)
