package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.TreeEnsemble;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lays one {@code TreeModel} out in a {@link TreeEnsemble}: each child's predicate becomes one or
 * more tests of one place each, in the children's order, with a way for what is unknown. For one
 * thread.
 */
final class TreeBuilder {
  /** Tests of one ensemble: nested predicates can need many for one of their own. */
  static final int NODES_MAX = 2_000_000;

  /** What a node of the document says. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  record Entry(double score, double @Nullable [] probabilities, double id) {}

  private final Scope scope;
  private final Target target;
  private final TreeEnsemble.Builder builder;
  private final boolean direct;
  private final double[] classes;
  private final List<Entry> entries;
  private final String missing;
  private final boolean lastWhereNone;
  private final LeafChanges.Parents parents;
  private final int nothing;
  private final Set<Integer> used = new LinkedHashSet<>();

  /**
   * A builder of one tree.
   *
   * @param direct whether a leaf holds its score, not the number of its entry
   */
  TreeBuilder(
      XmlNode model,
      Scope scope,
      Target target,
      TreeEnsemble.Builder builder,
      boolean direct,
      double[] classes,
      List<Entry> entries,
      LeafChanges.Parents parents)
      throws ModelException {
    this.scope = scope;
    this.target = target;
    this.builder = builder;
    this.direct = direct;
    this.classes = classes;
    this.entries = entries;
    this.parents = parents;
    missing = model.get("missingValueStrategy", "none");
    String none = model.get("noTrueChildStrategy", "returnNullPrediction");
    if (!List.of("none", "lastPrediction", "nullPrediction", "defaultChild").contains(missing)) {
      throw model.wrong(
          "missingValueStrategy " + XmlNode.shown(missing),
          "none, lastPrediction, nullPrediction or defaultChild");
    }
    if (!none.equals("returnNullPrediction") && !none.equals("returnLastPrediction")) {
      throw model.wrong(
          "noTrueChildStrategy " + XmlNode.shown(none),
          "returnNullPrediction or returnLastPrediction");
    }
    lastWhereNone = none.equals("returnLastPrediction");
    nothing = builder.leaf(Double.NaN);
  }

  /** Adds the tree; whether its outcome can be missing. */
  void add(XmlNode model) throws ModelException {
    XmlNode root = model.requireChild("Node");
    Arrival arrival = node(root);
    Predicate predicate = Predicates.of(root, scope);
    builder.tree(expand(predicate, arrival.node, nothing, nothing, arrival.mean));
  }

  /** The node of the ensemble where a node of the document begins, and the mean of its subtree. */
  private record Arrival(int node, double mean, double count, String id) {}

  private Arrival node(XmlNode node) throws ModelException {
    String id = node.get("id", "");
    List<XmlNode> children = node.children("Node");
    node.get("defaultChild");
    int own = entries.size();
    double score = entry(node, id);
    double count = node.number("recordCount");
    if (children.isEmpty()) {
      int leaf = hasScore(own, score) ? builder.leaf(direct ? score : own) : nothing;
      return new Arrival(leaf, direct ? score : own, count, id);
    }
    Arrival[] arrivals = new Arrival[children.size()];
    Predicate[] predicates = new Predicate[arrivals.length];
    for (int i = 0; i < arrivals.length; i++) {
      arrivals[i] = node(children.get(i));
      predicates[i] = Predicates.of(children.get(i), scope);
    }
    double mean = direct ? mean(score, arrivals) : own;
    if (!direct && classes.length == 0 && Double.isNaN(score)) {
      // Only an explanation needs the mean of a node that itself says nothing.
      Entry mute = entries.get(own);
      double[] means =
          Arrays.stream(arrivals).mapToDouble(a -> entries.get((int) a.mean).score()).toArray();
      entries.set(own, new Entry(mean(means, arrivals), mute.probabilities(), mute.id()));
    }
    int last =
        hasScore(own, score) && (lastWhereNone || missing.equals("lastPrediction"))
            ? builder.leaf(direct ? score : own)
            : nothing;
    return new Arrival(chain(node, arrivals, predicates, last, mean), mean, count, id);
  }

  private int chain(XmlNode node, Arrival[] arrivals, Predicate[] predicates, int last, double mean)
      throws ModelException {
    int none = lastWhereNone ? last : nothing;
    int unknown =
        switch (missing) {
          case "lastPrediction" -> last;
          case "defaultChild" -> defaultChild(node, arrivals);
          default -> nothing;
        };
    boolean skips = missing.equals("none");
    if (arrivals.length == 2 && opposed(predicates[0], predicates[1])) {
      return expand(
          predicates[0], arrivals[0].node, arrivals[1].node, skips ? none : unknown, mean);
    }
    int next = none;
    for (int i = arrivals.length - 1; i >= 0; i--) {
      next = expand(predicates[i], arrivals[i].node, next, skips ? next : unknown, mean);
    }
    return next;
  }

  /** Whether one says no exactly where the other says yes. */
  private static boolean opposed(Predicate a, Predicate b) {
    return (a instanceof Predicate.Compare one
            && b instanceof Predicate.Compare other
            && one.opposes(other))
        || (a instanceof Predicate.Member set
            && b instanceof Predicate.Member otherSet
            && set.slot() == otherSet.slot()
            && set.in() != otherSet.in()
            && Arrays.equals(set.values(), otherSet.values()));
  }

  private int defaultChild(XmlNode node, Arrival[] arrivals) throws ModelException {
    String wanted = node.get("defaultChild");
    if (wanted == null) {
      return nothing;
    }
    for (Arrival each : arrivals) {
      if (each.id.equals(wanted)) {
        return each.node;
      }
    }
    throw node.wrong("defaultChild " + XmlNode.shown(wanted), "the id of a child");
  }

  private boolean hasScore(int own, double score) {
    return !Double.isNaN(score) || (!direct && !Double.isNaN(entries.get(own).score()));
  }

  /** The mean of a node that is a number itself, or of its children by their records. */
  private static double mean(double score, Arrival[] arrivals) {
    if (!Double.isNaN(score)) {
      return score;
    }
    return mean(Arrays.stream(arrivals).mapToDouble(Arrival::mean).toArray(), arrivals);
  }

  private static double mean(double[] means, Arrival[] arrivals) {
    double sum = 0;
    double weight = 0;
    for (int i = 0; i < means.length; i++) {
      double count = Double.isNaN(arrivals[i].count) ? 1 : arrivals[i].count;
      if (!Double.isNaN(means[i])) {
        sum += count * means[i];
        weight += count;
      }
    }
    return weight == 0 ? Double.NaN : sum / weight;
  }

  /** Adds what a node says to the entries, unless a leaf holds it; its score or NaN. */
  private double entry(XmlNode node, String id) throws ModelException {
    String written = node.get("score");
    if (!target.classification()) {
      node.children("ScoreDistribution").forEach(XmlNode::ignore);
    }
    if (direct) {
      return written == null ? Double.NaN : node.parse(written, "score");
    }
    double symbol = id.isEmpty() ? Double.NaN : scope.build.symbols.add(id);
    if (!target.classification()) {
      double score = written == null ? Double.NaN : node.parse(written, "score");
      entries.add(new Entry(target.asFloat() ? (float) score : score, null, symbol));
      return score;
    }
    double[] probabilities = probabilities(node);
    double score = Double.NaN;
    if (written != null) {
      score = scope.build.encode(node, written, target.type());
      if (probabilities == null) {
        scope.build.countNumbers(node, classes.length);
        probabilities = new double[classes.length];
        probabilities[indexOf(score)] = 1;
      }
    } else if (probabilities != null) {
      int best = 0;
      for (int i = 1; i < probabilities.length; i++) {
        best = probabilities[i] > probabilities[best] ? i : best;
      }
      score = classes[best];
    }
    entries.add(new Entry(score, probabilities, symbol));
    return score;
  }

  private int indexOf(double value) {
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] == value) {
        return i;
      }
    }
    throw new IllegalStateException("a category that was not collected");
  }

  private double @Nullable [] probabilities(XmlNode node) throws ModelException {
    List<XmlNode> written = node.children("ScoreDistribution");
    if (written.isEmpty()) {
      return null;
    }
    scope.build.countNumbers(node, classes.length);
    double[] found = new double[classes.length];
    double sum = 0;
    boolean given = false;
    for (XmlNode each : written) {
      double value = scope.build.encode(each, each.require("value"), target.type());
      double probability = each.number("probability");
      double count =
          Double.isNaN(probability)
              ? each.parse(each.require("recordCount"), "recordCount")
              : each.number("recordCount", 0);
      given |= !Double.isNaN(probability);
      sum += count;
      found[indexOf(value)] = given ? probability : count;
    }
    if (!given && sum == 0) {
      return null;
    }
    if (!given) {
      for (int i = 0; i < found.length; i++) {
        found[i] = target.asFloat() ? (float) found[i] / (float) sum : found[i] / sum;
      }
    }
    return found;
  }

  /**
   * Nodes that go one way where the predicate holds, another where it does not, a third where it is
   * unknown.
   */
  private int expand(Predicate predicate, int yes, int no, int unknown, double mean) {
    if (builder.size() > NODES_MAX) {
      throw new IllegalArgumentException("tests of trees: more than " + NODES_MAX);
    }
    return switch (predicate) {
      case Predicate.Always(boolean holds) -> holds ? yes : no;
      case Predicate.Present p ->
          p.present()
              ? linked(
                  builder.lessOrEqual(use(p.slot()), Double.POSITIVE_INFINITY, mean, yes, yes, no),
                  yes,
                  yes,
                  no)
              : linked(
                  builder.lessOrEqual(use(p.slot()), Double.POSITIVE_INFINITY, mean, no, no, yes),
                  no,
                  no,
                  yes);
      case Predicate.Compare c -> compare(c, yes, no, unknown, mean);
      case Predicate.Member m -> member(m, m.in() ? yes : no, m.in() ? no : yes, unknown, mean);
      case Predicate.Compound c -> compound(c, yes, no, unknown, mean);
    };
  }

  private int compare(Predicate.Compare c, int yes, int no, int unknown, double mean) {
    return switch (c.operator()) {
      case EQUAL ->
          linked(
              builder.equal(use(c.slot()), c.operand(), mean, yes, no, unknown), yes, no, unknown);
      case NOT_EQUAL ->
          linked(
              builder.equal(use(c.slot()), c.operand(), mean, no, yes, unknown), no, yes, unknown);
      case LESS ->
          linked(
              builder.less(use(c.slot()), c.operand(), mean, yes, no, unknown), yes, no, unknown);
      case GREATER_OR_EQUAL ->
          linked(
              builder.less(use(c.slot()), c.operand(), mean, no, yes, unknown), no, yes, unknown);
      case LESS_OR_EQUAL ->
          linked(
              builder.lessOrEqual(use(c.slot()), c.operand(), mean, yes, no, unknown),
              yes,
              no,
              unknown);
      case GREATER ->
          linked(
              builder.lessOrEqual(use(c.slot()), c.operand(), mean, no, yes, unknown),
              no,
              yes,
              unknown);
    };
  }

  /** Remembers from where the children of a new node are reached. */
  private int linked(int node, int yes, int no, int unknown) {
    parents.of(node, yes, no, unknown);
    return node;
  }

  private int use(int slot) {
    used.add(slot);
    return slot;
  }

  private int member(Predicate.Member m, int yes, int no, int unknown, double mean) {
    if (m.symbols() && m.values().length > 0) {
      int[] set = Arrays.stream(m.values()).mapToInt(v -> (int) v).toArray();
      return linked(builder.in(use(m.slot()), set, mean, yes, no, unknown), yes, no, unknown);
    }
    int next = no;
    for (int i = m.values().length - 1; i >= 0; i--) {
      next =
          linked(
              builder.equal(use(m.slot()), m.values()[i], mean, yes, next, unknown),
              yes,
              next,
              unknown);
    }
    return m.values().length > 0
        ? next
        : linked(
            builder.lessOrEqual(use(m.slot()), Double.POSITIVE_INFINITY, mean, no, no, unknown),
            no,
            no,
            unknown);
  }

  /** Two chains: while all was known, and after something was not. */
  private int compound(Predicate.Compound c, int yes, int no, int unknown, double mean) {
    int last = c.of().length - 1;
    return switch (c.join()) {
      case AND -> {
        int known = yes;
        int unsure = unknown;
        for (int i = last; i >= 0; i--) {
          int before = unsure;
          unsure = i == 0 ? unsure : expand(c.of()[i], unsure, no, unsure, mean);
          known = expand(c.of()[i], known, no, before, mean);
        }
        yield known;
      }
      case OR -> {
        int known = no;
        int unsure = unknown;
        for (int i = last; i >= 0; i--) {
          int before = unsure;
          unsure = i == 0 ? unsure : expand(c.of()[i], yes, unsure, unsure, mean);
          known = expand(c.of()[i], yes, known, before, mean);
        }
        yield known;
      }
      case XOR -> {
        int even = no;
        int odd = yes;
        for (int i = last; i >= 0; i--) {
          int was = even;
          even = expand(c.of()[i], odd, even, unknown, mean);
          odd = i == 0 ? odd : expand(c.of()[i], was, odd, unknown, mean);
        }
        yield even;
      }
      case SURROGATE -> {
        int next = unknown;
        for (int i = last; i >= 0; i--) {
          next = expand(c.of()[i], yes, no, next, mean);
        }
        yield next;
      }
    };
  }

  /** The places that the tree asks for. */
  Set<Integer> used() {
    return used;
  }
}
