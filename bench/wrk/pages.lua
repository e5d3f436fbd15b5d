-- Asks for pages of different sizes, 50 rows on average, so that few equal questions are there at the same time.
require("report")
done = report

local count = 0
function request()
  count = count + 1
  return wrk.format(nil, string.format("%s?limit=%d", wrk.path, 43 + count % 15))
end
