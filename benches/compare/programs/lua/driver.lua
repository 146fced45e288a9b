-- lua5.4 driver.lua PROGRAM N [DOCUMENT]: runs one program in PUC Lua and prints what it cost.
local path, n, document = arg[1], tonumber(arg[2]), arg[3]
if document then
  local file = assert(io.open(document, "rb"))
  INPUT = file:read("a")
  file:close()
end
ask = math.max -- a C function that answers its first argument here: only the call is measured
local start = os.clock()
assert(loadfile(path))()
local loaded = os.clock()
local check = main(n)
local done = os.clock()
local peak = 0
local status = io.open("/proc/self/status")
if status then
  peak = tonumber(status:read("a"):match("VmHWM:%s*(%d+)"))
  status:close()
end
io.write(string.format('{"load_ns":%.0f,"run_ns":%.0f,"peak_kb":%d,"check":"%s"}\n',
  (loaded - start) * 1e9, (done - loaded) * 1e9, peak, check))
