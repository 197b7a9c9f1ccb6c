// MENTIOND_FAILPOINT("name") marks a seam at which the crash tests let the process die. It is nothing at all in the
// shipped program: only tests/faults compiles these lines in, defines failpoint(), and reads there what to die of.
// For shells (collect, deliver, ledger, daemon); a pure room has no seam at which a crash could matter.
#pragma once

#ifdef MENTIOND_FAILPOINTS
namespace mentiond {
// Ends the process at once, as a kill would, if `name` is the seam that was asked for.
void failpoint(const char* name);
}  // namespace mentiond
#define MENTIOND_FAILPOINT(name) ::mentiond::failpoint(name)
#else
#define MENTIOND_FAILPOINT(name) static_cast<void>(0)
#endif
