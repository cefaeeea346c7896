/*
 * Another BLAS: the sums that most of linear algebra is made of, added up from the last element to the first. Right as any
 * other within rounding; loaded by LD_PRELOAD, it shows what depends on the last bits. As the reference BLAS defines them
 * (Lawson, Hanson, Kincaid and Krogh 1979; Dongarra, Du Croz, Hammarling and Hanson 1988; Dongarra, Du Croz, Duff and
 * Hammarling 1990), matrices by columns.
 */
#include <ctype.h>
#include <math.h>
#include <stddef.h>

#define AT(matrix, rows, i, j) (matrix)[(size_t)(i) + (size_t)(j) * (size_t)(rows)]

static int is(const char *word, char letter) { return toupper((unsigned char)*word) == letter; }

static ptrdiff_t first(int n, int step) { return step < 0 ? (ptrdiff_t)(1 - n) * step : 0; }

double ddot_(const int *n, const double *x, const int *dx, const double *y, const int *dy) {
  double sum = 0;
  for (int i = *n - 1; i >= 0; i--) sum += x[first(*n, *dx) + (ptrdiff_t)i * *dx] * y[first(*n, *dy) + (ptrdiff_t)i * *dy];
  return sum;
}

double dasum_(const int *n, const double *x, const int *dx) {
  double sum = 0;
  for (int i = *n - 1; i >= 0; i--) sum += fabs(x[(ptrdiff_t)i * *dx]);
  return sum;
}

double dnrm2_(const int *n, const double *x, const int *dx) {
  double most = 0, sum = 0;
  for (int i = 0; i < *n; i++) most = fmax(most, fabs(x[(ptrdiff_t)i * *dx]));
  if (*n < 1 || *dx < 1 || most == 0) return 0;
  for (int i = *n - 1; i >= 0; i--) {
    double part = x[(ptrdiff_t)i * *dx] / most;
    sum += part * part;
  }
  return most * sqrt(sum);
}

void dgemv_(const char *trans, const int *m, const int *n, const double *alpha, const double *a, const int *lda, const double *x, const int *dx, const double *beta, double *y, const int *dy) {
  int turned = !is(trans, 'N'), rows = turned ? *n : *m, columns = turned ? *m : *n;
  for (int i = 0; i < rows; i++) {
    double sum = 0, *to = y + first(rows, *dy) + (ptrdiff_t)i * *dy;
    for (int j = columns - 1; j >= 0; j--)
      sum += (turned ? AT(a, *lda, j, i) : AT(a, *lda, i, j)) * x[first(columns, *dx) + (ptrdiff_t)j * *dx];
    *to = (*beta == 0 ? 0 : *beta * *to) + *alpha * sum;
  }
}

void dgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k, const double *alpha, const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c, const int *ldc) {
  int turned_a = !is(transa, 'N'), turned_b = !is(transb, 'N');
  for (int j = 0; j < *n; j++)
    for (int i = 0; i < *m; i++) {
      double sum = 0, *to = &AT(c, *ldc, i, j);
      for (int l = *k - 1; l >= 0; l--)
        sum += (turned_a ? AT(a, *lda, l, i) : AT(a, *lda, i, l)) * (turned_b ? AT(b, *ldb, j, l) : AT(b, *ldb, l, j));
      *to = (*beta == 0 ? 0 : *beta * *to) + *alpha * sum;
    }
}

void dsyrk_(const char *uplo, const char *trans, const int *n, const int *k, const double *alpha, const double *a, const int *lda, const double *beta, double *c, const int *ldc) {
  int turned = !is(trans, 'N'), upper = is(uplo, 'U');
  for (int j = 0; j < *n; j++)
    for (int i = upper ? 0 : j; i <= (upper ? j : *n - 1); i++) {
      double sum = 0, *to = &AT(c, *ldc, i, j);
      for (int l = *k - 1; l >= 0; l--)
        sum += turned ? AT(a, *lda, l, i) * AT(a, *lda, l, j) : AT(a, *lda, i, l) * AT(a, *lda, j, l);
      *to = (*beta == 0 ? 0 : *beta * *to) + *alpha * sum;
    }
}
