train.nav.precision=Точность
