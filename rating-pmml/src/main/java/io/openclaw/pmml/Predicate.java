package io.openclaw.pmml;

/** A condition on a frame, with three answers. Immutable and thread-safe. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
sealed interface Predicate {
  int YES = 1;
  int NO = 0;
  int UNKNOWN = -1;

  /** How a place compares with an operand. */
  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL
  }

  int test(double[] x);

  default boolean holds(double[] x) {
    return test(x) == YES;
  }

  /** Always the same. */
  record Always(boolean yes) implements Predicate {
    @Override
    public int test(double[] x) {
      return yes ? YES : NO;
    }
  }

  /** A place compared with a constant. */
  record Compare(Operator operator, int slot, double operand) implements Predicate {
    @Override
    public int test(double[] x) {
      double value = x[slot];
      if (Double.isNaN(value)) {
        return UNKNOWN;
      }
      boolean yes =
          switch (operator) {
            case EQUAL -> value == operand;
            case NOT_EQUAL -> value != operand;
            case LESS -> value < operand;
            case LESS_OR_EQUAL -> value <= operand;
            case GREATER -> value > operand;
            case GREATER_OR_EQUAL -> value >= operand;
          };
      return yes ? YES : NO;
    }

    /** Whether the other says no exactly where this says yes. */
    boolean opposes(Compare other) {
      return slot == other.slot
          && Double.compare(operand, other.operand) == 0
          && operator
              == switch (other.operator) {
                case EQUAL -> Operator.NOT_EQUAL;
                case NOT_EQUAL -> Operator.EQUAL;
                case LESS -> Operator.GREATER_OR_EQUAL;
                case LESS_OR_EQUAL -> Operator.GREATER;
                case GREATER -> Operator.LESS_OR_EQUAL;
                case GREATER_OR_EQUAL -> Operator.LESS;
              };
    }
  }

  /** Whether a place has one of some values, which are symbols or numbers. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  record Member(int slot, double[] values, boolean in, boolean symbols) implements Predicate {
    @Override
    public int test(double[] x) {
      double value = x[slot];
      if (Double.isNaN(value)) {
        return UNKNOWN;
      }
      for (double each : values) {
        if (each == value) {
          return in ? YES : NO;
        }
      }
      return in ? NO : YES;
    }
  }

  /** Whether a place has a value at all. */
  record Present(int slot, boolean present) implements Predicate {
    @Override
    public int test(double[] x) {
      return Double.isNaN(x[slot]) == present ? NO : YES;
    }
  }

  /** How conditions are joined. */
  enum Join {
    AND,
    OR,
    XOR,
    SURROGATE
  }

  /** Several, joined. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  record Compound(Join join, Predicate[] of) implements Predicate {
    @Override
    public int test(double[] x) {
      int result =
          switch (join) {
            case AND -> YES;
            case OR, XOR -> NO;
            case SURROGATE -> UNKNOWN;
          };
      for (Predicate each : of) {
        int found = each.test(x);
        switch (join) {
          case AND -> {
            if (found == NO) {
              return NO;
            }
            result = found == UNKNOWN ? UNKNOWN : result;
          }
          case OR -> {
            if (found == YES) {
              return YES;
            }
            result = found == UNKNOWN ? UNKNOWN : result;
          }
          case XOR -> {
            if (found == UNKNOWN) {
              return UNKNOWN;
            }
            result ^= found;
          }
          case SURROGATE -> {
            if (found != UNKNOWN) {
              return found;
            }
          }
        }
      }
      return result;
    }
  }
}
