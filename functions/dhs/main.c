// SPDX-License-Identifier: MIT
/*
 * dhs: daily heat statistics, an average that grows by one value a day. Body:
 * "AVERAGE DAYS VALUE", e.g. "20 3 24". Answer: the new average and the number
 * of days it is of: "21 4".
 */
#include <math.h>
#include <stdio.h>

#include <unifaas.h>

#define MOST_DAYS 1000000000L

int handle(const struct uf_event *event, struct uf_response *response)
{
    double average, value;
    long days;
    int end = 0;
    int n = sscanf(uf_event_body(event), "%lf %ld %lf %n", &average, &days, &value, &end);

    if (n != 3 || uf_event_body(event)[end] != '\0' || days < 0 || days > MOST_DAYS ||
        !isfinite(average) || !isfinite(value)) {
        (void)uf_respond_status(response, 400);
        return uf_respond_text(response,
                               "dhs: send AVERAGE DAYS VALUE, three numbers, e.g. 20 3 24\n");
    }
    average += (value - average) / (double)(days + 1);
    return uf_respond_printf(response, "%.12g %ld", average, days + 1);
}
