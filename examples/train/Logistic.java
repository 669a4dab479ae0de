import java.util.ArrayList;
import java.util.List;

/**
 * Logistic regression by Newton's method with a ridge on all coefficients but the intercept; each
 * number is standardised meanwhile, each value of a string has a column.
 */
class Logistic {
  static final double RIDGE = 3;
  static final int STEPS = 25;

  /** A column: a field, and the power of a number or the place of a string's value. */
  record Column(int field, int power, int value) {}

  final Credit credit;
  final List<Column> columns = new ArrayList<>();
  double intercept;
  double[] coefficients = new double[0];

  /** The root of the column's mean over the training rows: where a term is as on average. */
  double[] means = new double[0];

  private Logistic(Credit credit) {
    this.credit = credit;
  }

  static Logistic train(Credit credit) {
    Logistic logistic = new Logistic(credit);
    for (int f = 0; f < credit.fields.size(); f++) {
      Credit.Field field = credit.fields.get(f);
      for (int value = 0; value < field.values().size(); value++) {
        logistic.columns.add(new Column(f, 0, value));
      }
      if (!field.isString()) {
        logistic.columns.add(new Column(f, 1, -1));
      }
      if (field.name().equals("credit_amount")) {
        logistic.columns.add(new Column(f, 2, -1));
      }
    }
    logistic.fit(credit.training());
    return logistic;
  }

  double cell(int row, int column) {
    Column c = columns.get(column);
    double x = credit.x[row][c.field];
    return c.power == 0 ? (x == c.value ? 1 : 0) : c.power == 1 ? x : x * x;
  }

  private void fit(List<Integer> rows) {
    int n = columns.size();
    means = new double[n];
    double[] deviations = new double[n];
    for (int j = 0; j < n; j++) {
      double sum = 0;
      double squares = 0;
      for (int row : rows) {
        sum += cell(row, j);
        squares += cell(row, j) * cell(row, j);
      }
      means[j] = sum / rows.size();
      deviations[j] = Math.sqrt(squares / rows.size() - means[j] * means[j]);
    }
    double[] b = new double[n + 1];
    for (int step = 0; step < STEPS; step++) {
      double[] gradient = new double[n + 1];
      double[][] hessian = new double[n + 1][n + 1];
      for (int row : rows) {
        double[] z = new double[n + 1];
        double sum = b[n];
        for (int j = 0; j < n; j++) {
          z[j] = columns.get(j).power == 0 ? cell(row, j) : (cell(row, j) - means[j]) / deviations[j];
          sum += b[j] * z[j];
        }
        z[n] = 1;
        double p = Train.logistic(sum);
        for (int j = 0; j <= n; j++) {
          gradient[j] += ((credit.good[row] ? 1 : 0) - p) * z[j];
          for (int k = 0; k <= n; k++) {
            hessian[j][k] += p * (1 - p) * z[j] * z[k];
          }
        }
      }
      for (int j = 0; j < n; j++) {
        gradient[j] -= RIDGE * b[j];
        hessian[j][j] += RIDGE;
      }
      double[] change = solve(hessian, gradient);
      for (int j = 0; j <= n; j++) {
        b[j] += change[j];
      }
    }
    intercept = b[n];
    coefficients = new double[n];
    for (int j = 0; j < n; j++) {
      boolean number = columns.get(j).power > 0;
      coefficients[j] = rounded(number ? b[j] / deviations[j] : b[j]);
      intercept -= number ? b[j] * means[j] / deviations[j] : 0;
    }
    intercept = rounded(intercept);
  }

  /** Ten significant digits: enough, and easier to read. */
  static double rounded(double value) {
    return new java.math.BigDecimal(value)
        .round(new java.math.MathContext(10, java.math.RoundingMode.HALF_EVEN))
        .doubleValue();
  }

  /** Gaussian elimination with pivots. */
  private static double[] solve(double[][] a, double[] b) {
    int n = b.length;
    for (int i = 0; i < n; i++) {
      int pivot = i;
      for (int r = i + 1; r < n; r++) {
        pivot = Math.abs(a[r][i]) > Math.abs(a[pivot][i]) ? r : pivot;
      }
      double[] row = a[i];
      a[i] = a[pivot];
      a[pivot] = row;
      double value = b[i];
      b[i] = b[pivot];
      b[pivot] = value;
      for (int r = i + 1; r < n; r++) {
        double factor = a[r][i] / a[i][i];
        for (int c = i; c < n; c++) {
          a[r][c] -= factor * a[i][c];
        }
        b[r] -= factor * b[i];
      }
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int c = i + 1; c < n; c++) {
        b[i] -= a[i][c] * b[c];
      }
      b[i] /= a[i][i];
    }
    return b;
  }

  double probability(int row) {
    double sum = intercept;
    for (int j = 0; j < columns.size(); j++) {
      sum += coefficients[j] * cell(row, j);
    }
    return Train.logistic(sum);
  }
}
