package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the JSON of a {@link ContentModel}. */
final class ContentReader {
  static final int HASH_BITS_MIN = 8;
  static final int HASH_BITS_MAX = 20;

  /** Words that may be named as reasons. */
  static final int WORDS_MAX = 20_000;

  static final int WORD_LENGTH_MAX = 40;

  /**
   * Everything that rating needs.
   *
   * @param pairs whether pairs of words count, too
   * @param weights one a bucket, in units of {@code weightScale}
   * @param limit reasons of one rating; 0 for none
   * @param text what each reason says beside its word
   * @param words that may be named
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Read(
      String field,
      int lengthMax,
      int hashBits,
      boolean pairs,
      double bias,
      double weightScale,
      byte[] weights,
      PointsLine line,
      int limit,
      String text,
      Set<String> words) {}

  private ContentReader() {}

  static Read read(byte[] json) throws ModelException {
    ModelObject root = ModelObject.document(json, "content");
    root.allowOnly(
        List.of(
            "kind",
            "name",
            "description",
            "field",
            "lengthMax",
            "hashBits",
            "ngrams",
            "bias",
            "weightScale",
            "weights",
            "link",
            "scale",
            "reasons",
            Samples.MEMBER));
    root.title();
    var _ = Samples.read(root);
    String field =
        root.has("field") ? root.text("field", ScorecardReader.NAME_LENGTH_MAX) : "content";
    int hashBits = root.integer("hashBits", HASH_BITS_MIN, HASH_BITS_MAX);
    ModelObject reasons = root.has("reasons") ? root.object("reasons") : null;
    if (reasons != null) {
      reasons.allowOnly(List.of("limit", "text", "words"));
    }
    return new Read(
        field,
        root.integer("lengthMax", 1, ContentModel.LENGTH_MAX),
        hashBits,
        root.integer("ngrams", 1, 2) == 2,
        number(root, "bias"),
        number(root, "weightScale"),
        weights(root, 1 << hashBits),
        PointsLine.read(root),
        reasons == null ? 0 : reasons.integer("limit", 1, FieldReasons.REASONS_MAX),
        reasons == null ? "" : reasons.text("text", ScorecardReader.TEXT_LENGTH_MAX),
        reasons == null ? Set.of() : words(reasons));
  }

  private static double number(ModelObject root, String name) throws ModelException {
    double value = root.number(name);
    if (Math.abs(value) > RegressionReader.COEFFICIENT_MAX) {
      throw root.wrong(name, "-1e12 to 1e12");
    }
    return value;
  }

  private static byte[] weights(ModelObject root, int size) throws ModelException {
    String expected = size + " signed bytes in base64, 2 to the power of hashBits";
    if (!(root.required("weights") instanceof Json.Str written)) {
      throw root.wrong("weights", expected);
    }
    byte[] weights;
    try {
      weights = Base64.getDecoder().decode(written.value());
    } catch (IllegalArgumentException e) {
      throw root.wrong("weights", expected);
    }
    if (weights.length != size) {
      throw new ModelException(root.at("weights"), weights.length + " bytes", expected);
    }
    return weights;
  }

  private static Set<String> words(ModelObject reasons) throws ModelException {
    List<Json> written = reasons.list("words", WORDS_MAX);
    Set<String> words = new HashSet<>();
    for (int i = 0; i < written.size(); i++) {
      if (!(written.get(i) instanceof Json.Str word)
          || !isWord(word.value())
          || !words.add(word.value())) {
        throw new ModelException(
            reasons.at("words") + "/" + i,
            Violation.shown(written.get(i)),
            "one word of lower-case letters, at most " + WORD_LENGTH_MAX + ", each once");
      }
    }
    return Set.copyOf(words);
  }

  private static boolean isWord(String text) {
    if (text.length() > WORD_LENGTH_MAX) {
      return false;
    }
    Words words = Words.of(text);
    return words.size() == 1 && words.isOfLetters(0) && words.word(0).equals(text);
  }
}
