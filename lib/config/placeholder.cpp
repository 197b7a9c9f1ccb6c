namespace mentiond {}
