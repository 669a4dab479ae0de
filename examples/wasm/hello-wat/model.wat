;; The smallest model: rates {"n": 7} with the last digit of n, times ten. No settings, so any object is taken.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "{\"rating\":00}")

  ;; One input at a time, at a fixed place; 0 refuses what is too long.
  (func (export "alloc") (param $length i32) (result i32)
    (select (i32.const 1024) (i32.const 0) (i32.le_u (local.get $length) (i32.const 60000))))

  ;; The input is at $at; the answer is its place in the upper half and its length in the lower.
  (func (export "rate") (param $at i32) (param $length i32) (result i64)
    (local $i i32) (local $c i32) (local $digit i32)
    (local.set $digit (i32.const 48))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $length)))
        (local.set $c (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (if (i32.and (i32.ge_u (local.get $c) (i32.const 48)) (i32.le_u (local.get $c) (i32.const 57)))
          (then (local.set $digit (local.get $c))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    ;; JSON has no number 00: a zero is answered as one digit
    (i32.store8 (i32.const 26) (local.get $digit))
    (i64.or
      (i64.const 0x1000000000)
      (if (result i64) (i32.eq (local.get $digit) (i32.const 48))
        (then (i32.store8 (i32.const 27) (i32.const 125)) (i64.const 12))
        (else (i32.store8 (i32.const 27) (i32.const 48)) (i64.const 13))))))
