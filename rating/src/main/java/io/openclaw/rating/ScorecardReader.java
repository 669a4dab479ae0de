package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Reason;
import io.openclaw.domain.Violation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a scorecard's JSON into what rating needs; one use. */
final class ScorecardReader {
  /** Of a name, a field or a reason code, in UTF-16 units. */
  static final int NAME_LENGTH_MAX = 256;

  /** Of a reason's text or a description, in UTF-16 units. */
  static final int TEXT_LENGTH_MAX = 1_000;

  static final int CODES_MAX = 1_000;

  /** The largest score, either way, in units of the common scale: 18 digits. */
  static final long SUM_MAX = 999_999_999_999_999_999L;

  /** A scorecard with all points as longs of one scale. */
  record Card(long initialScore, int scale, int reasonsMax, List<Characteristic> characteristics) {}

  /** An attribute as written. */
  private record Attribute(Decimal points, int code) {}

  /** A characteristic as written. */
  private record Draft(
      String field, AttributeFinder finder, Decimal baseline, List<Attribute> attributes) {}

  private final ModelObject root;
  private final Map<String, Integer> codes = new HashMap<>();
  private final List<Reason> unpriced = new ArrayList<>();
  private final boolean withReasons;
  private boolean pointsBelow = true;
  private int reasonsMax;
  private int scale;

  private ScorecardReader(ModelObject root) {
    this.root = root;
    withReasons = root.has("reasonCodes");
  }

  static Card read(byte[] json) throws ModelException {
    return new ScorecardReader(ModelObject.document(json, "scorecard")).card();
  }

  private Card card() throws ModelException {
    root.allowOnly(
        List.of(
            "kind",
            "name",
            "description",
            "initialScore",
            "reasonCodes",
            "characteristics",
            Samples.MEMBER));
    var _ = Samples.read(root);
    if (root.has("name")) {
      root.text("name", NAME_LENGTH_MAX);
    }
    if (root.has("description")) {
      root.text("description", TEXT_LENGTH_MAX);
    }
    Decimal initialScore = decimal(root, "initialScore");
    if (withReasons) {
      readReasonCodes(root.object("reasonCodes"));
    }
    List<Draft> drafts = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<Json> written = root.list("characteristics", ScorecardModel.CHARACTERISTICS_MAX);
    for (int i = 0; i < written.size(); i++) {
      ModelObject characteristic =
          ModelObject.of(written.get(i), root.at("characteristics") + "/" + i);
      if (!names.add(characteristic.text("name", NAME_LENGTH_MAX))) {
        throw characteristic.wrong("name", "a name no earlier characteristic has");
      }
      drafts.add(characteristic(characteristic));
    }
    requireSumsFit(initialScore, drafts);
    List<Characteristic> characteristics = new ArrayList<>();
    for (Draft draft : drafts) {
      characteristics.add(scaled(draft));
    }
    return new Card(scaled(initialScore), scale, reasonsMax, characteristics);
  }

  private void readReasonCodes(ModelObject reasonCodes) throws ModelException {
    reasonCodes.allowOnly(List.of("algorithm", "limit", "texts"));
    pointsBelow =
        switch (reasonCodes.text("algorithm", NAME_LENGTH_MAX)) {
          case "pointsBelow" -> true;
          case "pointsAbove" -> false;
          default -> throw reasonCodes.wrong("algorithm", "pointsBelow or pointsAbove");
        };
    reasonsMax = reasonCodes.integer("limit", 1, ScorecardModel.REASONS_MAX);
    ModelObject written = reasonCodes.object("texts");
    if (written.members().size() > CODES_MAX) {
      throw new ModelException(
          written.pointer(), written.members().size() + " codes", "at most " + CODES_MAX);
    }
    for (String code : written.members().keySet()) {
      if (code.isEmpty() || code.length() > NAME_LENGTH_MAX) {
        throw new ModelException(
            written.at(code), code.length() + " characters", "a code of 1 to " + NAME_LENGTH_MAX);
      }
      codes.put(code, unpriced.size());
      unpriced.add(new Reason(code, written.text(code, TEXT_LENGTH_MAX), Decimal.ZERO));
    }
  }

  private Draft characteristic(ModelObject written) throws ModelException {
    written.allowOnly(
        withReasons
            ? List.of("name", "field", "reasonCode", "baseline", "attributes")
            : List.of("name", "field", "attributes"));
    String field = written.text("field", NAME_LENGTH_MAX);
    Decimal baseline = withReasons ? decimal(written, "baseline") : Decimal.ZERO;
    int code = written.has("reasonCode") ? code(written) : -1;
    AttributeFinder.Builder finder = new AttributeFinder.Builder();
    List<Attribute> attributes = new ArrayList<>();
    List<Json> list = written.list("attributes", ScorecardModel.ATTRIBUTES_MAX);
    for (int i = 0; i < list.size(); i++) {
      ModelObject attribute = ModelObject.of(list.get(i), written.at("attributes") + "/" + i);
      attribute.allowOnly(
          withReasons ? List.of("when", "points", "reasonCode") : List.of("when", "points"));
      if (!finder.add(i, Condition.read(attribute.object("when")))) {
        throw new ModelException(
            attribute.at("when"),
            "a condition that earlier attributes leave nothing for",
            "one that can be the first to hold");
      }
      int own = attribute.has("reasonCode") ? code(attribute) : code;
      if (withReasons && own < 0) {
        throw written.wrong("reasonCode", "a reason code, or one in every attribute");
      }
      attributes.add(new Attribute(decimal(attribute, "points"), own));
    }
    return new Draft(field, finder.build(), baseline, attributes);
  }

  private int code(ModelObject owner) throws ModelException {
    Integer code = codes.get(owner.text("reasonCode", NAME_LENGTH_MAX));
    if (code == null) {
      throw owner.wrong("reasonCode", "a code that /reasonCodes/texts explains");
    }
    return code;
  }

  /** Reads a number and widens the common scale to hold it. */
  private Decimal decimal(ModelObject owner, String name) throws ModelException {
    Decimal value = owner.decimal(name);
    scale = Math.max(scale, value.scale());
    return value;
  }

  /** No sum and no loss of any input can leave the range of a long. */
  private void requireSumsFit(Decimal initialScore, List<Draft> drafts) throws ModelException {
    BigDecimal most = exact(initialScore).abs();
    for (Draft draft : drafts) {
      BigDecimal largest = exact(draft.baseline).abs();
      for (Attribute attribute : draft.attributes) {
        largest = largest.max(exact(attribute.points).abs());
      }
      most = most.add(largest);
    }
    if (most.movePointRight(scale).compareTo(BigDecimal.valueOf(SUM_MAX)) > 0) {
      throw new ModelException(
          root.at("characteristics"),
          "points that can add up to " + most.toPlainString() + " with " + scale + " places",
          "at most 18 digits in all");
    }
  }

  private static BigDecimal exact(Decimal value) {
    return BigDecimal.valueOf(value.unscaled(), value.scale());
  }

  private long scaled(Decimal value) {
    return exact(value).movePointRight(scale).longValueExact();
  }

  private Characteristic scaled(Draft draft) {
    int size = draft.attributes.size();
    long[] points = new long[size];
    long[] lost = new long[size];
    int[] attributeCodes = new int[size];
    Reason[] reasons = new Reason[size];
    long baseline = scaled(draft.baseline);
    for (int i = 0; i < size; i++) {
      Attribute attribute = draft.attributes.get(i);
      points[i] = scaled(attribute.points);
      attributeCodes[i] = attribute.code;
      if (withReasons) {
        lost[i] = pointsBelow ? baseline - points[i] : points[i] - baseline;
      }
      reasons[i] = reason(attribute.code, lost[i]);
    }
    return new Characteristic(
        draft.field,
        Violation.pointerTo(draft.field),
        draft.finder,
        points,
        lost,
        attributeCodes,
        reasons);
  }

  /** Made once here, so that rating only picks; of an attribute that loses nothing, never read. */
  private Reason reason(int code, long lost) {
    if (code < 0) {
      return new Reason("", "", Decimal.ZERO);
    }
    Reason reason = unpriced.get(code);
    return new Reason(reason.code(), reason.text(), new Decimal(lost, scale));
  }
}
