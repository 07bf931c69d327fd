"""Keep the words of the survey plan: what its KMZ and its summary say."""

from typing import Final

from lomsong.report.text.lists import table

SAID: Final = table(
    title=("Kế hoạch đo sóng", "Survey plan"),
    what_to_do=(
        "Ở mỗi điểm đo, dùng máy của từng nhà mạng: ghi mức sóng 4G (RSRP), hoặc đánh dấu mất sóng hoàn toàn.",
        "At each spot, with a phone of each carrier: write down the level of 4G (RSRP), or cross no service at all.",
    ),
    team=("Tổ", "Team"),
    day=("Ngày", "Day"),
    way=("Đường đi", "Way"),
    cluster=("Cụm dân cư", "Cluster"),
    carriers_unknown=("Nhà mạng chưa rõ", "Carriers not known"),
    p_served=("Xác suất có sóng hiện nay", "P(served) so far"),
    n_spots=("Số điểm đo", "Spots to measure"),
    leg=("Từ chặng trước (đường chim bay)", "From the stop before (as the crow flies)"),
    places=("nơi đáng đo", "places worth a visit"),
    planned=("nơi đã xếp lịch", "places that have a day"),
    no_places=("Không còn nơi nào cần đo", "No place is left to measure"),
)
TRAVEL: Final = table(walk=("đi bộ", "on foot"), drive=("đi xe", "by vehicle"))
