@NullMarked
package io.openclaw.rating;

import org.jspecify.annotations.NullMarked;
