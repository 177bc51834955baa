//! Four `f32` lanes, one type for WASM SIMD and for native tests.
//!
//! On wasm32 with relaxed SIMD `fma` is one fused instruction; on plain simd128 it is a multiply and an add.
//! Elsewhere it is an array that the compiler may vectorise as it likes. Only `f32x4`; integers live in `int8.rs`.

#[cfg(target_arch = "wasm32")]
mod lanes {
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub struct F32x4(v128);

    impl F32x4 {
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Self(f32x4_splat(x))
        }
        /// # Safety
        /// `p` is valid for reading 16 bytes; any alignment.
        #[inline(always)]
        pub unsafe fn load(p: *const f32) -> Self {
            Self(v128_load(p as *const v128))
        }
        /// # Safety
        /// `p` is valid for reading 4 bytes.
        #[inline(always)]
        pub unsafe fn load_splat(p: *const f32) -> Self {
            Self(v128_load32_splat(p as *const u32))
        }
        /// # Safety
        /// `p` is valid for writing 16 bytes; any alignment.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut f32) {
            v128_store(p as *mut v128, self.0)
        }
        /// `self + a * b`.
        #[inline(always)]
        pub fn fma(self, a: Self, b: Self) -> Self {
            #[cfg(target_feature = "relaxed-simd")]
            return Self(f32x4_relaxed_madd(a.0, b.0, self.0));
            #[cfg(not(target_feature = "relaxed-simd"))]
            return Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)));
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            Self(f32x4_add(self.0, o.0))
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            Self(f32x4_sub(self.0, o.0))
        }
        #[inline(always)]
        pub fn mul(self, o: Self) -> Self {
            Self(f32x4_mul(self.0, o.0))
        }
        #[inline(always)]
        pub fn max(self, o: Self) -> Self {
            Self(f32x4_pmax(self.0, o.0))
        }
        /// All-ones lanes where `self > o`, as a mask for `and`.
        #[inline(always)]
        pub fn gt(self, o: Self) -> Self {
            Self(f32x4_gt(self.0, o.0))
        }
        /// All-ones lanes where `self == o`.
        #[inline(always)]
        pub fn eq(self, o: Self) -> Self {
            Self(f32x4_eq(self.0, o.0))
        }
        #[inline(always)]
        pub fn and(self, mask: Self) -> Self {
            Self(v128_and(self.0, mask.0))
        }
        /// `self` without the bits of `mask`.
        #[inline(always)]
        pub fn and_not(self, mask: Self) -> Self {
            Self(v128_andnot(self.0, mask.0))
        }
        #[inline(always)]
        pub fn or(self, o: Self) -> Self {
            Self(v128_or(self.0, o.0))
        }
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            [
                f32x4_extract_lane::<0>(self.0),
                f32x4_extract_lane::<1>(self.0),
                f32x4_extract_lane::<2>(self.0),
                f32x4_extract_lane::<3>(self.0),
            ]
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod lanes {
    #[derive(Clone, Copy)]
    pub struct F32x4([f32; 4]);

    #[inline(always)]
    fn mask(on: bool) -> f32 {
        f32::from_bits(if on { u32::MAX } else { 0 })
    }

    impl F32x4 {
        #[inline(always)]
        fn zip(self, o: Self, f: impl Fn(f32, f32) -> f32) -> Self {
            Self(core::array::from_fn(|i| f(self.0[i], o.0[i])))
        }
        #[inline(always)]
        fn bits(self, o: Self, f: impl Fn(u32, u32) -> u32) -> Self {
            self.zip(o, |a, b| f32::from_bits(f(a.to_bits(), b.to_bits())))
        }
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Self([x; 4])
        }
        /// # Safety
        /// `p` is valid for reading 16 bytes; any alignment.
        #[inline(always)]
        pub unsafe fn load(p: *const f32) -> Self {
            Self(core::ptr::read_unaligned(p as *const [f32; 4]))
        }
        /// # Safety
        /// `p` is valid for reading 4 bytes.
        #[inline(always)]
        pub unsafe fn load_splat(p: *const f32) -> Self {
            Self([*p; 4])
        }
        /// # Safety
        /// `p` is valid for writing 16 bytes; any alignment.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut f32) {
            core::ptr::write_unaligned(p as *mut [f32; 4], self.0)
        }
        /// `self + a * b`.
        #[inline(always)]
        pub fn fma(self, a: Self, b: Self) -> Self {
            Self(core::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            self.zip(o, |a, b| a + b)
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            self.zip(o, |a, b| a - b)
        }
        #[inline(always)]
        pub fn mul(self, o: Self) -> Self {
            self.zip(o, |a, b| a * b)
        }
        #[inline(always)]
        pub fn max(self, o: Self) -> Self {
            self.zip(o, |a, b| if a < b { b } else { a })
        }
        /// All-ones lanes where `self > o`, as a mask for `and`.
        #[inline(always)]
        pub fn gt(self, o: Self) -> Self {
            self.zip(o, |a, b| mask(a > b))
        }
        /// All-ones lanes where `self == o`.
        #[inline(always)]
        pub fn eq(self, o: Self) -> Self {
            self.zip(o, |a, b| mask(a == b))
        }
        #[inline(always)]
        pub fn and(self, mask: Self) -> Self {
            self.bits(mask, |a, b| a & b)
        }
        /// `self` without the bits of `mask`.
        #[inline(always)]
        pub fn and_not(self, mask: Self) -> Self {
            self.bits(mask, |a, b| a & !b)
        }
        #[inline(always)]
        pub fn or(self, o: Self) -> Self {
            self.bits(o, |a, b| a | b)
        }
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            self.0
        }
    }
}

pub use lanes::F32x4;
