#include "Scalars.h"

namespace cjr {

namespace {

bool number(std::string_view text, size_t at, size_t width, int64_t &value) {
    if (at + width > text.size()) return false;
    value = 0;
    for (size_t i = at; i < at + width; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

int64_t floorDivided(int64_t value, int64_t divisor) {
    return value / divisor - (value % divisor != 0 && (value < 0) != (divisor < 0) ? 1 : 0);
}

int64_t daysInMonth(int64_t month, int64_t year) {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Days since 1970 of a day that begins `text`; false when no such day exists.
bool day(std::string_view text, int64_t &days) {
    int64_t year, month, dayOfMonth;
    if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !number(text, 0, 4, year) ||
        !number(text, 5, 2, month) || !number(text, 8, 2, dayOfMonth))
        return false;
    if (year < 1 || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysInMonth(month, year)) return false;
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = floorDivided(shifted, 400);
    int64_t yearOfEra = shifted - era * 400;
    int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1;
    days = era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
    return true;
}

void write(char *out, int64_t value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        out[i] = char('0' + value % 10);
        value /= 10;
    }
}

/// The offset at the end of an ISO instant, in minutes east; without one it is UTC.
bool offset(std::string_view text, int64_t &minutes) {
    if (text.empty() || text == "Z" || text == "z") {
        minutes = 0;
        return true;
    }
    if ((text[0] != '+' && text[0] != '-' && text[0] != ' ')) return false;
    int64_t hours = 0, rest = 0;
    bool good = text.size() == 3   ? number(text, 1, 2, hours)
                : text.size() == 5 ? number(text, 1, 2, hours) && number(text, 3, 2, rest)
                : text.size() == 6 ? text[3] == ':' && number(text, 1, 2, hours) && number(text, 4, 2, rest)
                                   : false;
    if (!good || hours > 23 || rest > 59) return false;
    minutes = (text[0] == '-' ? -1 : 1) * (hours * 60 + rest);
    return true;
}

constexpr int64_t firstMoment = -62135596800, afterLastMoment = 253402300800;

}  // namespace

bool isDay(std::string_view text) {
    int64_t days;
    bool endsThere = text.size() == 10 || (text.size() > 10 && (text[10] == 'T' || text[10] == ' '));
    return endsThere && day(text, days);
}

bool dayFirst(std::string_view text, char *out) {
    if (text.size() != 10 || (text[2] != '-' && text[2] != '.') || text[5] != text[2]) return false;
    memcpy(out, text.data() + 6, 4);
    out[4] = out[7] = '-';
    memcpy(out + 5, text.data() + 3, 2);
    memcpy(out + 8, text.data(), 2);
    return isDay({out, 10});
}

bool instantMicroseconds(std::string_view text, int64_t &value) {
    int64_t days, hour, minute, second, minutes;
    if (text.size() < 11 || text[4] != '-') {
        return scaledInteger(text, 6, Excess::roundHalfUp, value) && value >= firstMoment * 1'000'000 &&
               value < afterLastMoment * 1'000'000;
    }
    if (!day(text, days)) return false;
    bool separated = text[10] == 'T' || text[10] == 't' || text[10] == ' ';
    if (!separated || text.size() < 19 || text[13] != ':' || text[16] != ':' || !number(text, 11, 2, hour) ||
        !number(text, 14, 2, minute) || !number(text, 17, 2, second))
        return false;
    // 60 is a leap second, which falls into the next minute.
    if (hour > 23 || minute > 59 || second > 60) return false;
    size_t at = 19;
    int64_t fraction = 0;
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
        int64_t unit = 100'000;
        size_t start = ++at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
            fraction += (text[at] - '0') * unit;
        }
        if (at == start) return false;
    }
    if (!offset(text.substr(at), minutes)) return false;
    int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - minutes * 60;
    value = seconds * 1'000'000 + fraction;
    return seconds >= firstMoment && seconds < afterLastMoment;
}

bool writeInstant(int64_t microseconds, char *out) {
    int64_t seconds = floorDivided(microseconds, 1'000'000);
    if (seconds < firstMoment || seconds >= afterLastMoment) return false;
    int64_t days = floorDivided(seconds, 86400);
    int64_t inDay = (microseconds - days * 86'400'000'000) / 1000;
    int64_t shifted = days + 719468;
    int64_t era = floorDivided(shifted, 146097);
    int64_t dayOfEra = shifted - era * 146097;
    int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int64_t shiftedMonth = (5 * dayOfYear + 2) / 153;
    int64_t month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    memcpy(out, "0000-00-00T00:00:00.000Z", 24);
    write(out, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
    write(out + 5, month, 2);
    write(out + 8, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2);
    write(out + 11, inDay / 3'600'000, 2);
    write(out + 14, inDay / 60'000 % 60, 2);
    write(out + 17, inDay / 1000 % 60, 2);
    write(out + 20, inDay % 1000, 3);
    return true;
}

}  // namespace cjr
