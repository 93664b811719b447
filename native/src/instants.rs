//! Instants as nearly all producers write them: RFC 3339, `T`, `Z` or an offset, no leap second.

use crate::json::{Odd, Read};

const DAYS: [i64; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MAX_FRACTION_DIGITS: usize = 18;

/// Milliseconds since 1970-01-01T00:00Z; a finer fraction is cut.
pub fn instant(text: &str) -> Read<i64> {
    let bytes = text.as_bytes();
    let (moment, rest) = bytes.split_at_checked(19).ok_or(Odd)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = *moment else {
        return Err(Odd);
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    if !(2..=9998).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return Err(Odd); // of the first and the last year, an offset leads out of what can be told
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Odd);
    }
    let (millis, zone) = fraction(rest)?;
    let time = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millis;
    Ok(time - offset(zone)?)
}

fn digit(byte: u8) -> Read<i64> {
    if byte.is_ascii_digit() { Ok(i64::from(byte - b'0')) } else { Err(Odd) }
}

fn two(tens: u8, ones: u8) -> Read<i64> {
    Ok(digit(tens)? * 10 + digit(ones)?)
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    DAYS[month as usize] + i64::from(leap && month == 2)
}

/// The milliseconds of a fraction, and what follows it.
fn fraction(rest: &[u8]) -> Read<(i64, &[u8])> {
    let [b'.', digits @ ..] = rest else { return Ok((0, rest)) };
    let many = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if many == 0 || many > MAX_FRACTION_DIGITS {
        return Err(Odd);
    }
    let (fraction, zone) = digits.split_at(many);
    let millis = fraction.iter().chain(b"00").take(3).try_fold(0, |sum, &byte| Ok(sum * 10 + digit(byte)?))?;
    Ok((millis, zone))
}

/// What a zone is ahead of UTC, in milliseconds.
fn offset(zone: &[u8]) -> Read<i64> {
    match *zone {
        [b'Z'] => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return Err(Odd);
            }
            let ahead = (hours * 60 + minutes) * 60_000;
            Ok(if sign == b'+' { ahead } else { -ahead })
        }
        _ => Err(Odd),
    }
}

/// Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
