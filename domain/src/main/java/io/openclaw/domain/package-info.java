@NullMarked
package io.openclaw.domain;

import org.jspecify.annotations.NullMarked;
