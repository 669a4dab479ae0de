package io.openclaw.rating;

import io.openclaw.domain.Reason;

/**
 * One characteristic as a loaded scorecard rates it; the arrays are by attribute, never changed
 * after loading.
 */
@SuppressWarnings("ArrayRecordComponent") // see above; never compared
record Characteristic(
    String field,
    String pointer,
    AttributeFinder finder,
    long[] points,
    long[] lost,
    int[] codes,
    Reason[] reasons) {}
