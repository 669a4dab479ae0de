/** ONNX models: tables of trees rated by this program, all else by ONNX Runtime. */
@org.jspecify.annotations.NullMarked
package io.openclaw.onnx;
