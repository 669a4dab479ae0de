import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The credit applications, with the fields of the sample scorecard: what a creditor may not use
 * (sex and marital status, being a foreigner) or only with care (age) is left out.
 */
class Credit {
  /** A field: its values in order where it is a string, else none. */
  record Field(String name, String text, List<String> values) {
    boolean isString() {
      return !values.isEmpty();
    }
  }

  static final String[][] USED = {
    {"checking_status", "Status of checking account"},
    {"duration", "Duration of the credit requested"},
    {"credit_history", "Credit history"},
    {"purpose", "Purpose of the credit"},
    {"credit_amount", "Amount requested"},
    {"savings_status", "Savings or bonds"},
    {"employment", "Length of present employment"},
    {"installment_commitment", "Instalments in proportion to income"},
    {"other_parties", "No guarantor or co-applicant"},
    {"property_magnitude", "Property held"},
    {"other_payment_plans", "Other instalment plans"},
    {"housing", "Housing"},
    {"existing_credits", "Number of existing credits"},
  };

  static final List<String> NUMBERS =
      List.of("duration", "credit_amount", "installment_commitment", "existing_credits");

  final List<Field> fields = new ArrayList<>();

  /** Per row and field the number, or the value's place in the field's list. */
  final double[][] x;

  final boolean[] good;

  Credit(List<List<String>> lines) {
    List<String> header = lines.get(0);
    int rows = lines.size() - 1;
    x = new double[rows][USED.length];
    good = new boolean[rows];
    for (int f = 0; f < USED.length; f++) {
      int column = header.indexOf(USED[f][0]);
      TreeSet<String> values = new TreeSet<>();
      boolean number = NUMBERS.contains(USED[f][0]);
      for (int row = 0; row < rows && !number; row++) {
        values.add(lines.get(row + 1).get(column));
      }
      Field field = new Field(USED[f][0], USED[f][1], List.copyOf(values));
      fields.add(field);
      for (int row = 0; row < rows; row++) {
        String text = lines.get(row + 1).get(column);
        x[row][f] = number ? Double.parseDouble(text) : field.values().indexOf(text);
      }
    }
    for (int row = 0; row < rows; row++) {
      good[row] = lines.get(row + 1).get(header.size() - 1).equals("good");
    }
  }

  int rows() {
    return x.length;
  }

  List<Integer> training() {
    return rows(false);
  }

  List<Integer> heldOut() {
    return rows(true);
  }

  private List<Integer> rows(boolean heldOut) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < x.length; row++) {
      if ((row % Train.HELD_OUT_OF == Train.HELD_OUT_OF - 1) == heldOut) {
        rows.add(row);
      }
    }
    return rows;
  }

  static Credit read(Path csv) throws IOException {
    List<List<String>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(csv)) {
      List<String> cells = new ArrayList<>();
      for (int at = 0; at <= line.length(); ) {
        boolean quoted = at < line.length() && line.charAt(at) == '\'';
        int from = quoted ? at + 1 : at;
        int to = line.indexOf(quoted ? "'" : ",", from);
        to = to < 0 ? line.length() : to;
        cells.add(line.substring(from, to));
        at = to + (quoted ? 2 : 1);
      }
      lines.add(cells);
    }
    return new Credit(lines);
  }
}
