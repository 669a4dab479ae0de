package io.openclaw.domain;

/**
 * Why a rating is not higher.
 *
 * @param code the model's reason code
 * @param text what the code means, for a person
 * @param points the points lost, greater than zero
 */
public record Reason(String code, String text, Decimal points) {}
