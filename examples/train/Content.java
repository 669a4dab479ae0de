import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Logistic regression over hashed words and pairs of words, as the kind {@code content} counts
 * them; docs/models.md says how.
 */
class Content {
  static final int HASH_BITS = 14;
  static final int STEPS = 1500;
  static final double RATE = 4;
  static final double RIDGE = 0.001;
  static final int FOLDS = 8;

  /**
   * How many of the texts that are rated are taken to be fit, of which the data have too few: the
   * bias is moved by the difference of the log-odds (King and Zeng, Logistic regression in rare
   * events data, 2001).
   */
  static final double FIT_SHARE = 0.7;

  final List<String> texts = new ArrayList<>();
  final List<Boolean> fit = new ArrayList<>();

  /** Each text's distinct buckets, in ascending order. */
  final List<int[]> buckets = new ArrayList<>();

  double bias;
  double[] weights = new double[1 << HASH_BITS];
  byte[] quantised = new byte[0];
  double scale;

  static Content read(Path tsv) throws IOException {
    Content content = new Content();
    List<String> lines = Files.readAllLines(tsv);
    for (String line : lines.subList(1, lines.size())) {
      int tab = line.indexOf('\t');
      content.fit.add(line.substring(0, tab).equals("fit"));
      content.texts.add(line.substring(tab + 1));
      content.buckets.add(buckets(line.substring(tab + 1)));
    }
    return content;
  }

  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inDigits = false;
    for (int c : text.codePoints().map(Character::toLowerCase).toArray()) {
      if (Character.isLetter(c)) {
        word.appendCodePoint(c);
      } else if (word.isEmpty() || (c != '\'' && c != '’')) {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
        if (Character.isDigit(c) ? !inDigits : "!?$€£%@#".indexOf(c) >= 0) {
          words.add(Character.isDigit(c) ? "0" : Character.toString(c));
        }
      }
      inDigits = Character.isDigit(c);
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  static int bucket(String words) {
    int hash = 0x811C9DC5;
    for (byte b : words.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x01000193;
    }
    return ((hash >>> HASH_BITS) ^ hash) & ((1 << HASH_BITS) - 1);
  }

  static int[] buckets(String text) {
    List<String> words = words(text);
    TreeSet<Integer> buckets = new TreeSet<>();
    for (int i = 0; i < words.size(); i++) {
      buckets.add(bucket(words.get(i)));
      if (i + 1 < words.size()) {
        buckets.add(bucket(words.get(i) + " " + words.get(i + 1)));
      }
    }
    return buckets.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Gradient descent on all texts for which {@code fold} is not theirs; -1 for all. */
  private void fit(int fold) {
    bias = 0;
    weights = new double[1 << HASH_BITS];
    for (int step = 0; step < STEPS; step++) {
      double[] gradient = new double[weights.length];
      double biasGradient = 0;
      int count = 0;
      for (int i = 0; i < texts.size(); i++) {
        if (i % FOLDS == fold) {
          continue;
        }
        double error = (fit.get(i) ? 1 : 0) - Train.logistic(sum(i));
        for (int bucket : buckets.get(i)) {
          gradient[bucket] += error / Math.sqrt(buckets.get(i).length);
        }
        biasGradient += error;
        count++;
      }
      for (int j = 0; j < weights.length; j++) {
        weights[j] += RATE * (gradient[j] / count - RIDGE * weights[j] / 10);
      }
      bias += RATE * biasGradient / count;
    }
    double fits = 0;
    double count = 0;
    for (int i = 0; i < texts.size(); i++) {
      if (i % FOLDS != fold) {
        fits += fit.get(i) ? 1 : 0;
        count++;
      }
    }
    bias += StrictMath.log(FIT_SHARE / (1 - FIT_SHARE)) - StrictMath.log(fits / (count - fits));
  }

  private double sum(int text) {
    double sum = 0;
    for (int bucket : buckets.get(text)) {
      sum += weights[bucket];
    }
    int[] distinct = buckets.get(text);
    return bias + (distinct.length == 0 ? 0 : sum / Math.sqrt(distinct.length));
  }

  /** Prints how good a model is on the part it has not seen, for each part of the texts. */
  void crossValidate() {
    double[] scores = new double[texts.size()];
    boolean[] good = new boolean[scores.length];
    for (int fold = 0; fold < FOLDS; fold++) {
      fit(fold);
      for (int i = fold; i < scores.length; i += FOLDS) {
        scores[i] = Train.logistic(sum(i));
        good[i] = fit.get(i);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-20s AUC %.4f, accuracy %.4f on %d texts, each by a model of the other %d of %d parts%n",
        "content",
        Train.auc(scores, good),
        Train.accuracy(scores, good),
        scores.length,
        FOLDS - 1,
        FOLDS);
  }

  /** Fits all texts, and keeps the weights as bytes. */
  void train() {
    fit(-1);
    double most = 0;
    for (double weight : weights) {
      most = Math.max(most, Math.abs(weight));
    }
    scale = Logistic.rounded(most / 127);
    bias = Logistic.rounded(bias);
    quantised = new byte[weights.length];
    for (int i = 0; i < weights.length; i++) {
      quantised[i] = (byte) Math.rint(weights[i] / scale);
      weights[i] = quantised[i] * scale;
    }
  }

  /** Words of letters that stand in two texts or more and lower the rating. */
  List<String> lowering() {
    Map<String, Integer> texts = new TreeMap<>();
    for (String text : this.texts) {
      new TreeSet<>(words(text)).forEach(word -> texts.merge(word, 1, Integer::sum));
    }
    List<String> words = new ArrayList<>();
    texts.forEach(
        (word, count) -> {
          if (count > 1 && word.length() > 2 && Character.isLetter(word.codePointAt(0)) && quantised[bucket(word)] < 0) {
            words.add(word);
          }
        });
    return words;
  }

  String json() {
    return "{\n \"kind\": \"content\",\n \"name\": \"content\",\n"
        + " \"description\": \"How likely a comment is fit to be shown: not spam, a scam or an insult (0 to 100)\",\n"
        + " \"lengthMax\": 10000,\n \"hashBits\": " + HASH_BITS + ",\n \"ngrams\": 2,\n"
        + " \"bias\": " + Text.number(bias) + ",\n \"weightScale\": " + Text.number(scale) + ",\n"
        + " \"weights\": \"" + Base64.getEncoder().encodeToString(quantised) + "\",\n"
        + " \"link\": \"logit\",\n"
        + " \"scale\": {\"factor\": 100, \"min\": 0, \"max\": 100, \"digits\": 1},\n"
        + " \"reasons\": {\"limit\": 3, \"text\": \"This word is frequent in spam, scams or insults\", \"words\": ["
        + String.join(", ", lowering().stream().map(Text::json).toList()) + "]},\n"
        + " \"samples\": [\n  {\"content\": " + Text.json(texts.get(0)) + "},\n  {\"content\": "
        + Text.json(texts.get(texts.size() - 1)) + "}\n ]\n}\n";
  }

  /** What each line of the data is rated by the model as written. */
  String expected() {
    StringBuilder out = new StringBuilder("line,probability\n");
    for (int i = 0; i < texts.size(); i++) {
      out.append(i + 2).append(',').append(Train.logistic(sum(i))).append('\n');
    }
    return out.toString();
  }
}
