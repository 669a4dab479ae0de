import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Trains the sample models: {@code examples/train/train --help}.
 *
 * <p>Every figure comes from IEEE arithmetic in a fixed order and {@link StrictMath}, and nothing
 * is drawn at random, so the same bytes come out on every machine.
 */
public class Train {
  static final String HELP =
      """
      Trains the sample models and prints how good they are on data they have not seen.

        examples/train/train [--out FOLDER]

        --out FOLDER      where the models go (examples/models)
        --examples FOLDER where credit-g/ and content/ are (beside this program)

      Writes credit-g.regression.json|.pmml, credit-g.trees.json|.pmml|.onnx, credit-g.models.expected.csv,
      content.json and content.expected.csv. Exit code: 0, 1 if a file cannot be read or written, 2 for bad usage.""";

  /** Rows whose number has this rest are held out: 250 of 1,000. */
  static final int HELD_OUT_OF = 4;

  public static void main(String[] arguments) {
    Path examples = Path.of("examples");
    Path out = null;
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--help")) {
        System.out.println(HELP);
        return;
      }
      if (i + 1 < arguments.length && arguments[i].equals("--out")) {
        out = Path.of(arguments[++i]);
      } else if (i + 1 < arguments.length && arguments[i].equals("--examples")) {
        examples = Path.of(arguments[++i]);
      } else {
        System.err.println("train: " + arguments[i] + " (expected: --out FOLDER). Try --help.");
        System.exit(2);
      }
    }
    try {
      run(examples, out == null ? examples.resolve("models") : out);
    } catch (IOException e) {
      System.err.println("train: " + e);
      System.exit(1);
    }
  }

  static void run(Path examples, Path out) throws IOException {
    Files.createDirectories(out);
    Credit credit = Credit.read(examples.resolve("credit-g").resolve("credit-g.csv"));
    Logistic logistic = Logistic.train(credit);
    Boosted boosted = Boosted.train(credit);
    report("credit-g regression", credit, logistic::probability);
    report("credit-g trees", credit, boosted::probability);
    write(out, "credit-g.regression.json", CreditJson.regression(credit, logistic));
    write(out, "credit-g.trees.json", CreditJson.trees(credit, boosted));
    write(out, "credit-g.regression.pmml", CreditPmml.regression(credit, logistic));
    write(out, "credit-g.trees.pmml", CreditPmml.trees(credit, boosted));
    Files.write(out.resolve("credit-g.trees.onnx"), CreditOnnx.trees(credit, boosted));
    StringBuilder expected = new StringBuilder("row,regression_probability,trees_probability\n");
    for (int row = 0; row < credit.rows(); row++) {
      expected.append(row + 1).append(',').append(logistic.probability(row)).append(',');
      expected.append(boosted.probability(row)).append('\n');
    }
    write(out, "credit-g.models.expected.csv", expected.toString());
    Content content = Content.read(examples.resolve("content").resolve("content.tsv"));
    content.crossValidate();
    content.train();
    write(out, "content.json", content.json());
    write(out, "content.expected.csv", content.expected());
  }

  interface Scorer {
    double of(int row);
  }

  static void report(String name, Credit credit, Scorer scorer) {
    List<Integer> rows = credit.heldOut();
    double[] scores = new double[rows.size()];
    boolean[] good = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = scorer.of(rows.get(i));
      good[i] = credit.good[rows.get(i)];
    }
    System.out.printf(
        Locale.ROOT,
        "%-20s AUC %.4f, accuracy %.4f on %d held-out rows%n",
        name,
        auc(scores, good),
        accuracy(scores, good),
        scores.length);
  }

  /** The share of pairs of a good and a bad one that are in order; ties count half. */
  static double auc(double[] scores, boolean[] good) {
    double inOrder = 0;
    long pairs = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (good[i] && !good[j]) {
          pairs++;
          inOrder += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    return inOrder / pairs;
  }

  static double accuracy(double[] scores, boolean[] good) {
    int right = 0;
    for (int i = 0; i < scores.length; i++) {
      right += (scores[i] >= 0.5) == good[i] ? 1 : 0;
    }
    return (double) right / scores.length;
  }

  static double logistic(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  static void write(Path folder, String name, String text) throws IOException {
    Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }
}
