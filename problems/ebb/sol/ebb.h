#ifdef __cplusplus
extern "C" {
#endif

/* Writes the two days to from and to, gives the fall. */
long long ebb(int days, const int *levels, int *from, int *to);

#ifdef __cplusplus
}
#endif
