// The HTML entities in X's texts. X escapes &, < and > and nothing else:
// https://docs.x.com/x-api/fundamentals/data-dictionary
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace mentiond {

// Decodes &amp; &lt; and &gt; once ("&amp;lt;" becomes "&lt;"); every other entity is text, and stays.
std::string decode_entities(std::string_view text);
// The same, appended to `out`: for callers that reuse a buffer.
void append_decoded(std::string& out, std::string_view text);

}  // namespace mentiond
