package io.openclaw.pmml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model predicts.
 *
 * @param name of the target field; null where the model names none
 * @param values the categories in the dictionary's order, as numbers; empty where not known
 * @param classification whether it predicts a category
 * @param asFloat whether numbers are added as floats
 */
record Target(
    @Nullable String name,
    DataType type,
    List<Double> values,
    boolean classification,
    boolean asFloat) {}
